"""What a process consists of, by area: each module adds its providers to those before."""
