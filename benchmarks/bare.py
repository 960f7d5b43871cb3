"""The least that FastAPI can do: a constant. What is slower than this is ours, or the work."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/constant")
async def constant() -> dict[str, float]:
    """The same chance for everyone."""
    return {"p_breakdown": 0.5}
