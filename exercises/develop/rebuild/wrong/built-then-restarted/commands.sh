docker compose up -d
sed -i 's/Monday/Tuesday/' app/main.py
docker compose build board
docker compose restart board
