docker run -d --name board -p 8080:8000 board
