"""From what people type to loan applications, and from records to what pages show. Pure functions, no NiceGUI."""
