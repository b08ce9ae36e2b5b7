docker run -d --name board -p 8000:8080 board
