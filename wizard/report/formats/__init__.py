"""A report's model as text, Markdown, HTML, Jira markup or JSON; one module a format. Pure."""
