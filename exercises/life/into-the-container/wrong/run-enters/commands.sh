docker run --name monday alpine:3.18 sh -c 'echo "Bring mandarins on Monday" > /memo.txt'
docker run -d --name web nginx
docker cp monday:/memo.txt /work/memo.txt
docker cp /work/memo.txt web:/usr/share/nginx/html/
docker run nginx sh -c 'nginx -v 2> /usr/share/nginx/html/version.txt'
