# Khung của trang trợ giúp và lời báo khi dòng lệnh viết sai.

usage-heading = Cách dùng:
usage-commands = Lệnh
usage-command = LỆNH
usage-arguments = Tham số
usage-options = Tùy chọn
usage-shared-options = Tùy chọn của mọi lệnh
usage-help = In trợ giúp (`--help` nói kỹ hơn `-h`).
usage-version = In số phiên bản.
usage-help-command = In trợ giúp của một lệnh.
usage-default = [mặc định: { $value }]
usage-environment = [biến môi trường: { $value }]
usage-possible = [chọn một: { $value }]

usage-empty-value = lỗi: { $arg } cần một giá trị
usage-invalid-value = lỗi: { $arg } không nhận giá trị '{ $value }'
usage-unknown-argument = lỗi: không có tùy chọn hay tham số '{ $arg }' ở đây
usage-unknown-command = lỗi: không có lệnh '{ $value }'
usage-twice = lỗi: { $arg } chỉ được ghi một lần
usage-conflict = lỗi: không được ghi { $arg } cùng với { $prior }
usage-missing = lỗi: còn thiếu: { $arg }
usage-missing-command = lỗi: còn thiếu tên lệnh
usage-number-of-values = lỗi: { $arg } có số giá trị không đúng
usage-no-equals = lỗi: { $arg } cần dấu bằng: tên=giá trị
usage-not-text = lỗi: dòng lệnh có ký tự không phải UTF-8
usage-possible-line = { "  " }chọn một trong: { $value }
usage-suggestion = { "  " }gần giống: { $value }
usage-try-help = Thêm '--help' để xem cách dùng.
