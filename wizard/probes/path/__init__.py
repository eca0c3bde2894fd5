"""The path: who answers the port, which proxies stand between, how wide the way is."""
