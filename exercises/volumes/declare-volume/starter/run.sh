docker run --name memo -v /notes memo
