"""READ PATH: answers readers from pressed pages. Imports no Django."""
