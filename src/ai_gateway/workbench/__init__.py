"""What authors of prompts try out before anybody shares it: marked texts, costs, cases, comparisons. Sends nothing."""
