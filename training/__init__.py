"""The workshop: builds and judges models."""
