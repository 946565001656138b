import board

from hipcue import app

if globals().get("safe_mode"):
    print("hipcue: safe mode, nothing is recorded")
else:
    app.run(board)
