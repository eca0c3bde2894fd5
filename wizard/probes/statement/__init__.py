"""The long statement: what ends connections whose statement runs long."""
