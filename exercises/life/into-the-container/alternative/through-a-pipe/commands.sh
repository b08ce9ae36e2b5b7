docker run --name monday alpine:3.18 sh -c 'echo "Bring mandarins on Monday" > /memo.txt'
docker run -d --name web nginx
docker cp monday:/memo.txt - | docker cp - web:/usr/share/nginx/html
docker exec web nginx -v 2> version.txt
docker cp version.txt web:/usr/share/nginx/html/version.txt
