"""Google's models at Google: Gemini's, and where a gateway still serves it, Imagen."""
