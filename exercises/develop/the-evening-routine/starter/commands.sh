# 1. build the image of board, start nothing
docker compose build board
# 2. the new image is there: put it to use, in the background
docker compose restart board
# 3. code and Dockerfile have changed: build and replace what has changed, in the background
docker compose up -d
# 4. board hangs, nothing has changed: start the same container again
docker compose restart board
