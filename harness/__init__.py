"""The service as its users meet it, for tests and measurements alike: started, pressed, killed and counted."""
