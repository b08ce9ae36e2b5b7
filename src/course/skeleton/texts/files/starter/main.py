print("Study board: welcome!")
