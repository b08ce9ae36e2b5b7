docker compose --project-name group up -d
docker compose --project-name group build board
docker tag localhost:5000/board:1 localhost:5000/board
sleep 1
for tag in 1 latest; do docker push localhost:5000/board:$tag; done
