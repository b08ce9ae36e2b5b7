docker compose build board
docker compose up --detach
docker compose up --detach --build
docker compose restart board
