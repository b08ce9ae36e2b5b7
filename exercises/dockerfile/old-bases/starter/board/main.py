"""The version of the program that answers to `uvicorn --version` is what the board needs."""
import uvicorn

print("board: uvicorn", uvicorn.__version__)
