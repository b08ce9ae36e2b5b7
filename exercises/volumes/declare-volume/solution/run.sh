docker run --name memo -v notes:/notes memo
