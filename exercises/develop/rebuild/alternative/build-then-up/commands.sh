docker compose up -d
sed -i 's/Monday: welcome!/Tuesday, and more to come/' app/main.py
docker compose build board
docker compose down
docker compose up -d
