"""Pictures of figures over a day, by matplotlib: PNG or SVG, readable in black and white."""
