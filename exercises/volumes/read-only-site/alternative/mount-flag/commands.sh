docker create --name site --publish 8080:80 --mount type=bind,source="$(pwd)/site",target=/usr/local/apache2/htdocs,readonly httpd:2.4
docker start site
