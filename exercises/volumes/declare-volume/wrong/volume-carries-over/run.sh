docker run --name memo memo
