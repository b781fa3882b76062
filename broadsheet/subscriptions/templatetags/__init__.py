"""What templates of other stages ask of selling."""
