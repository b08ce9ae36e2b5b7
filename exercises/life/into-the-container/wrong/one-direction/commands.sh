docker run --name monday alpine:3.18 sh -c 'echo "Bring mandarins on Monday" > /memo.txt'
docker run -d --name web nginx
docker cp monday:/memo.txt /usr/share/nginx/html/memo.txt
docker exec web bash -c 'nginx -v > /usr/share/nginx/html/version.txt'
