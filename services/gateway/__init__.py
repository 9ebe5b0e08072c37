"""The gateway is where people come in: it finds the tenant by host name, asks the owning service
and shows the answer.
"""
