"""The ports' implementations: one package a role, none of which knows another."""
