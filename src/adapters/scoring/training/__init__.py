"""From a file of loans to a model bundle. Imported by the trainer only, never to serve."""
