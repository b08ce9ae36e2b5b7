# 아래에 명령어 한 줄을 쓰세요. / Write one command below.
