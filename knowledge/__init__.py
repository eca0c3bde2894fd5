"""What is known about lost MySQL and MariaDB connections: data files and a typed loader."""
