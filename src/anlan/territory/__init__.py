"""Territory (地情): divisions, who answers for them, and the places where people can come to harm."""
