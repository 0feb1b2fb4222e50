from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("jiangxin", "0002_training"),
    ]
    operations = []
