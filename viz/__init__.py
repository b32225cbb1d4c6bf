"""Pictures of a recorded search."""
