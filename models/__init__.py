"""What a fitted model is: numbers and a formula. Predicts, never fits, never reads data."""
