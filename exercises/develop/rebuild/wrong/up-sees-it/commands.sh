docker compose up -d
sed -i 's/Monday/Tuesday/' app/main.py
docker compose up -d
