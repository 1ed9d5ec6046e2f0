from . import telecom_demo
