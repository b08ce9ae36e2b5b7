docker run -d --name redis redis:7
