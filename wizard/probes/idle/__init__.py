"""The idle ladder: after how many idle seconds connections die, and who ends them."""
