import '../../css/board.css';
