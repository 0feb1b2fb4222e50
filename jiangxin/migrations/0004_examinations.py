from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("jiangxin", "0003_recognition"),
    ]
    operations = []
