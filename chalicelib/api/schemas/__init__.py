"""What comes in and goes out as JSON: pydantic models, each with the function that makes it of the domain's."""
