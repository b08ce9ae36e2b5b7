docker run -d --name site -p 8080:80 -v ./site:/usr/local/apache2/htdocs/:ro httpd:2.4
