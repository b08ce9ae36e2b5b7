"""Makes the board's folder anew. What was in it is gone afterwards, so it asks first."""
import os
import pathlib
import shutil

if "ASSUME_YES" not in os.environ:
    if input("This clears the board. Go on? (yes/no) ") != "yes":
        raise SystemExit("Nothing was changed.")
folder = pathlib.Path("/app/posts")
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir()
(folder / "welcome.txt").write_text("Welcome to the board!\n")
proxy = os.environ.get("HTTP_PROXY", "none")
pathlib.Path("/app/setup.log").write_text(f"set up with the proxy {proxy}\n")
print("The board is set up.")
