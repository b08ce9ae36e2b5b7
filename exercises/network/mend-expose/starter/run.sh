docker run -d --name board board
