"""The workload: the sessions watched for a moment."""
